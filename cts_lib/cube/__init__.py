"""The driver cube: what each activity took, by customer and channel, in one query; and the single things behind it."""

"""The driver cube: what each activity took, by customer and channel; and the values of the units of work behind it."""

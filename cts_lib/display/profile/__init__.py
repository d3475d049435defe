"""Tables and sentences of the profile."""

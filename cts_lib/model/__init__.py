"""The cost model as it is computed with: equations and drivers checked and typed, and support departments."""

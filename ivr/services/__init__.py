"""What the line can do for a caller, one file a subject; `table` lists all of it."""

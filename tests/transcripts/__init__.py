"""Golden conversations with the shipped line: what callers do, and every sentence they hear."""

"""The words of a book, and how each language says money, days, times and digits."""

"""The fault harness: whatever fails while a card is charged, it is charged exactly once."""

"""Tests of the stand-in carrier, against documents written by hand."""

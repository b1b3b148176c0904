"""Tests of how the tools are found and built."""

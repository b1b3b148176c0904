"""Many tasks at once: found, sorted, paged, and worked on."""

"""What all pages have in common: who looks, in which language, and how a page is made."""

"""Small pictures, worked out here and drawn by the templates as inline SVG."""

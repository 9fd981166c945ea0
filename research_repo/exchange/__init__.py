"""Files in and out: pure, from bytes to core's plain objects and back. Knows neither Flask nor search."""

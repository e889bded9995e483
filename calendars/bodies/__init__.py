"""What the scheduling API answers with. Times are RFC 3339 in UTC."""

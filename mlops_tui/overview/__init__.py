"""What spans the rooms: status and level, backup, the demo."""

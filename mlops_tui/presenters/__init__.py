"""Records to rows, series and labels; pure, shared by both fronts."""

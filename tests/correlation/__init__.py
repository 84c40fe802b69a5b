"""What the functions promise together: the promises, the points where they may die, the orders of their calls."""

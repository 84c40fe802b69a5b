"""What people are shown: dashboard, alarms and saved queries, held against what the functions really write."""

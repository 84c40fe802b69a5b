"""What is deployed: the two functions and the correlation they share. Standard library, boto3 and Powertools only."""

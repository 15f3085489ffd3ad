"""What the platforms know: accounts, campaigns and figures, a function of seed, account, date and age."""

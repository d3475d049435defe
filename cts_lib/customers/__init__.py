"""What is known of customers beside their cost: behaviour, demand, season, concentration, effects, reasons."""

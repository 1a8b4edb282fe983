"""Invoices, credit notes and packing slips: what they say (content), their numbers (issue), paper (printing, press),
and how they reach people (delivery for buyers, views for staff)."""

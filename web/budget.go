package web

import "earshot/topology"

// Budget is the worst-case number of series of a configuration.
type Budget struct {
	Items []BudgetItem
	Total int
	Limit int
}

// BudgetItem is a share of the budget.
type BudgetItem struct {
	Name   string // "rtp by segment and direction"
	Count  int    // how many of them, for example segments times directions
	Each   int    // series of each
	Series int    // Count times Each
}

// WorstCase reckons how many series a plan can lead to.
func WorstCase(plan *topology.Plan, cfg MetricsConfig) Budget { return Budget{} }

// Err says that the budget is above its limit, and what to do; nil where it is not.
func (b Budget) Err() error { return nil }

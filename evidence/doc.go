// Package evidence makes the files that a case stands on: the records of its
// worst calls and of good ones beside them, the course of the impairment as a
// chart, and their packets without anything personal, with a manifest that says
// how to reproduce the figures. All of it may leave the house.
package evidence

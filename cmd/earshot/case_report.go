package main

import (
	"context"

	"earshot/web"
)

// report writes the incident report of a case.
func (f *caseFlags) report(ctx context.Context, args []string, std stdio) error {
	number, err := caseNumber(args[0])
	if err != nil {
		return err
	}
	f.how.out = f.out
	return f.how.make(&f.book, std, func(book reportBook, how web.ReportStyle) (*web.Document, error) {
		return book.Incident(ctx, number, how)
	})
}

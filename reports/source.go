package reports

import (
	"context"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
)

// Source is what the reports read of a store.
type Source interface {
	finance.Source
	Run(ctx context.Context, no int) (ledger.Run, error)
	PreviousRun(ctx context.Context, run ledger.Run) (ledger.Run, error)
	Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error)
	Files(ctx context.Context, after, upTo ledger.Seq) ([]ledger.File, error)
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	Withdrawn(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Withdrawn, error)
	IdentitiesAt(ctx context.Context, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]ledger.Person, error)
	Residence(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][2]string, error)
	Notable(ctx context.Context, area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error)
	ResultsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, run int) ([]ledger.ResultRow, error)
	Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error)
	Cases(ctx context.Context, area string, year, run int) ([]ledger.Case, error)
	ReliefKinds(ctx context.Context, refs []int64) (map[int64]string, error)
	PostedClaims(ctx context.Context, refs []int64) (map[int64]string, error)
	ClaimIDs(ctx context.Context, refs []int64) (map[int64]string, error)
	WaitingRefunds(ctx context.Context, area string, seen ledger.Seq) ([]ledger.WaitingRefund, error)
	YearSums(ctx context.Context, area string, year, run int) (*ledger.YearSums, error)

	// What only some lists need.
	People(ctx context.Context, area string, seen ledger.Seq) ([]ledger.PersonNo, error)
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
	LoadYears(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run, year int) ([]ledger.PersonData, error)
	Certnos(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]string, error)
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
	Heads(ctx context.Context, area string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error)
	Enrolments(ctx context.Context, area string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	Contributions(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Contribution) error) error
	Births(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Birth) error) error
	Items(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Item) error) error
}

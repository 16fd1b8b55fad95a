package reports

import (
	"context"

	"doudi/jobs/ledger"
)

// Source is what the reports read of a store.
type Source interface {
	Run(ctx context.Context, no int) (ledger.Run, error)
	PreviousRun(ctx context.Context, run ledger.Run) (ledger.Run, error)
	Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error)
	Files(ctx context.Context, after, upTo ledger.Seq) ([]ledger.File, error)
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error)
	Residence(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][2]string, error)
	Notable(ctx context.Context, area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error)
	ResultsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, run int) ([]ledger.ResultRow, error)
	Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error)
	Cases(ctx context.Context, area string, year, run int) ([]ledger.Case, error)
	ReliefKinds(ctx context.Context, refs []int64) (map[int64]string, error)
	PostedClaims(ctx context.Context, refs []int64) (map[int64]string, error)
	ClaimIDs(ctx context.Context, refs []int64) (map[int64]string, error)
	WaitingRefunds(ctx context.Context, area string, seen ledger.Seq) ([]ledger.WaitingRefund, error)
	Hospitals(ctx context.Context, area string, year, run int) ([]ledger.HospitalYear, error)
	Diseases(ctx context.Context, area string, year, run int) ([]ledger.DiseaseYear, error)
	Months(ctx context.Context, area string, year, run int) ([]ledger.FundMonth, error)
}

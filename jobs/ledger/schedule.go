package ledger

import (
	"time"

	"doudi/rules/civil"
)

// The clock's record stands beside the chain, not in it: it says when work was due
// and what became of it, never a figure.

// TermState is whether a job runs by the clock.
type TermState string

// The states of a job.
const (
	TermOn     TermState = "on"
	TermPaused TermState = "paused" // by a person: times that pass are not made up
	TermOff    TermState = "off"    // not in doudi.yaml, or not enabled there
)

// Term is a job under one expression, from a time until the job's next term. A due
// time belongs to exactly one term, so that a changed expression neither loses what
// was missed under the former one nor finds anything due before it was written.
type Term struct {
	ID    int64
	Job   string // its key
	Kind  string // run, report …
	Area  string
	Cron  string
	Month string // previous, current; "" of a kind that has no month
	State TermState
	Since time.Time
	By    string
}

// TryState is what became of a try.
type TryState string

// The states of a try. Only a running one ever changes.
const (
	TryRunning TryState = "running"
	TryDone    TryState = "done"
	TryCovered TryState = "covered" // somebody had done it since it was due
	TryRetry   TryState = "retry"   // failed; to be tried again
	TryLost    TryState = "lost"    // its process ended before it did; to be tried again
	TryFailed  TryState = "failed"  // for good
)

// Origins of a try.
const (
	ByClock = "clock"
	ByHand  = "hand"
)

// Try is one attempt at what was due.
type Try struct {
	ID       int64
	Job      string
	Kind     string
	Area     string
	Term     int64
	Origin   string
	Due      time.Time
	Month    civil.Month // what it is run for; 0 of a kind that has no month
	Missed   int         // due times that it stands for beside its own
	Attempt  int         // 1, 2 …; with job, origin, term and due it is there once
	Failures int         // earlier attempts that count as failed
	State    TryState
	By       string
	Started  time.Time
	Finished time.Time
	Next     time.Time // of retry: not before
	Code     string    // why it failed, or what there is to say of it
	Run      int       // the ledger's run; 0: none
	Beat     int       // raised while it runs: a sign of life that needs no clock
}

// Clockwork is all that the clock needs to know.
type Clockwork struct {
	Terms   []Term         // in the order of their IDs
	Marks   map[string]Try // by job: the last attempt at the latest due time of the latest term
	Last    map[string]Try // by job: the latest try of any origin
	Running []Try
	Failed  []Try     // for good, with nothing done since for the job and month
	Latest  time.Time // the latest time that anything on record was begun
}

// Notice is that somebody was told of a failure, or could not be.
type Notice struct {
	Try   int64
	How   string // webhook, mail
	At    time.Time
	Error string // "": told
}

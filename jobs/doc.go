// Package jobs runs a month: it pulls the files of each area, imports them,
// settles whom they touch, and hands the run over to whoever writes the
// reports. The rooms below it do the work; this package puts it in order and
// says what the steps need.
//
// The way of the data, with no way back: file → intake rows → ledger → touched
// people → rules → results → reports.
package jobs

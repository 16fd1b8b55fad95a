// Package reference is the slow, obviously correct re-computation of medical
// assistance that the tests hold the fast engine against.
//
// It was written from the specification and the five policy texts alone and
// shares no code with the engine. It favours being read over being quick:
// money is decimal yuan, rounded half up to the fen once at the end of each
// layer; days are time.Time at UTC midnight; and a person's categories are
// found by replaying the events up to the day in question.
//
// packs.go holds the figures of the policies, overlay.go what an office lays
// over them and which pack is in force, people.go who is held to be what and
// when, layers.go the layers, settle.go their order over a year.
// AMBIGUITIES.md lists where the specification left room and how it was read.
package reference

// Package packs embeds the policy packs: a folder for each document, holding
// pack.yaml and cases/*.yaml, small worked cases with their expected amounts to
// the fen. `national` holds the platform's common codes, which the packs extend.
//
// There is no code here; rules/pack reads and checks the files.
package packs

import "embed"

// Files are the packs and their cases.
//
//go:embed */pack.yaml */cases/*.yaml
var Files embed.FS

// Package simulate answers what-if: it settles a year's real claims under the
// office's present policy and under one that is being considered, and sums what
// differs. It stores nothing.
package simulate

// Package schedule is the office's clock: it knows when a job is due, does what is due
// once, and remembers what became of it.
//
// Expressions are read and their times given by robfig/cron (cron.go); they are told
// in words from the very bits that give the times (words.go). What is due is a pure
// function of what is on record and of the time (plan.go). A runner does it (run.go):
//
//   - Nothing is lost: what was missed while no process ran is made up. A job with a
//     month is made up for each month that it missed, the oldest first; several times
//     of one month, or of a job without one, are made up by one try, which says for
//     how many it stands. What passes while a job is paused is not made up.
//   - Nothing runs twice: an attempt at a due time is on record before it begins, once,
//     whoever makes it. What somebody did by hand since it was due is not done again.
//   - Never two at once: one try at a time for a workspace, over all its processes. A
//     try whose process died is taken up at once, one that gives no sign of life after
//     some looks; its holder's record is refused from then on. No clock decides that.
//   - A failure that may pass is tried again after 1, 5 and 30 minutes; one that needs
//     a person is not. A job that panics has failed, and the next time still runs.
//   - The clock of the machine is asked, never trusted: set back, nothing is due twice;
//     set far ahead (more than MaxMissed months missed), the job is held until a person
//     resumes it.
package schedule

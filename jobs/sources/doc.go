// Package sources brings in the files of a month from where they lie: a folder,
// an SFTP server, HTTPS addresses.
//
// A folder (the inbox, or a mounted share) is read in place and never written
// to. What lies on a server is mirrored into a folder of its own in the area's
// inbox, where the rules of the inbox hold for it like for any other file. What
// vanishes on the server stays in the mirror; what changes there is fetched
// again and replaces the mirrored copy.
//
// # What is promised
//
//   - A file is there whole or not at all. It is fetched under a hidden name,
//     compared with the size that was announced, forced to the disk and renamed.
//   - A file that is still being written is left for the next run and named:
//     because of its name (.part, .tmp and others), because a lock of Excel, WPS
//     or LibreOffice lies beside it, or because it changes while we watch.
//   - Nobody is believed without proof: an unknown or changed host key, and a
//     certificate that does not hold, end the pull. No setting turns this off.
//   - Secrets are read from files and the environment. They stand in no message
//     and no state; neither do the queries of addresses.
//   - Names from outside stay inside: they are cleaned, and written through
//     os.Root, which refuses what leads out of the folder.
//
// # What is not promised
//
// A program that writes in place, pauses for longer than the quiet time and
// leaves no lock can not be told from one that is done. SFTP tells times in whole
// seconds, so the quiet time should not be under two.
//
// The clock and the sleep are passed in.
package sources

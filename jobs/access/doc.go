// Package access says who may do what, and whether somebody is who they say: roles,
// users, passwords, sessions, the code of the first start. Nothing here reads a clock
// or knows a database or HTTP: times are passed in, stores are the two interfaces of
// store.go, and Keeper puts the parts in order.
//
// Sessions are kept here and not by alexedwards/scs: its manager reads the clock
// itself; with an idle limit it writes a session at every request, which would wait
// for whoever writes; and it stores what it knows as one opaque text, so that nobody
// can say which sessions a user has, to end them.
package access

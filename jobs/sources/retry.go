package sources

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"
)

// How long we wait for others. No deadline is a time of day: the program's clock
// may be set for a test.
const (
	dialTime  = 15 * time.Second // to connect, and for the TLS handshake
	helloTime = 30 * time.Second // for the SSH handshake with its login
	idleTime  = 60 * time.Second // without a byte
	pullTime  = 2 * time.Hour    // for a source as a whole
)

// Waits between tries: with the first, four tries within about seven seconds and
// what the tries take. Longer outages wait for the next run.
var backoff = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// afterTries ends what is said of a file once no try went well.
const afterTries = "，试了四次；请稍后再运行"

// transient is an error that may be gone at the next try.
type transient struct {
	err  error
	file bool // it is about one file; others may go well
}

func (t *transient) Error() string { return t.err.Error() }
func (t *transient) Unwrap() error { return t.err }

// leftError says that one file is to be left alone.
type leftError struct{ code, reason string }

func (l *leftError) Error() string { return l.reason }

// retry tries again what may go well the next time.
func (p *Puller) retry(ctx context.Context, f func() error) error {
	for _, wait := range backoff {
		err := f()
		if _, ok := errors.AsType[*transient](err); !ok {
			return err
		}
		if err := p.sleep(ctx, wait); err != nil {
			return err
		}
	}
	return f()
}

// netReason says in Chinese why a connection failed. It never holds an address's
// query: what comes here is about the connection, not about the request.
func netReason(err error) string {
	var dns *net.DNSError
	var ne net.Error
	switch {
	case errors.As(err, &dns):
		return "找不到这个主机名"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "对方拒绝连接"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "连接中断"
	case errors.As(err, &ne) && ne.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "没有回应"
	}
	return err.Error()
}

// idleConn closes a connection on which nothing comes.
type idleConn struct {
	net.Conn
	timer *time.Timer
}

func newIdleConn(c net.Conn) *idleConn {
	return &idleConn{c, time.AfterFunc(idleTime, func() { c.Close() })}
}

func (c *idleConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.timer.Reset(idleTime)
	}
	return n, err
}

func (c *idleConn) Close() error {
	c.timer.Stop()
	return c.Conn.Close()
}

package reference

import (
	"maps"
	"time"

	"github.com/shopspring/decimal"
)

// A rulebook is what holds on a day: the office's choices then, and the pack
// with the office's overlay laid over it.
type rulebook struct {
	cfg  Config
	pack pack
}

// configOn is the configuration whose turn it is on the day.
func configOn(cfg Config, day time.Time) Config {
	for cfg.Then != nil && !day.Before(civil(cfg.ThenFrom)) {
		cfg = *cfg.Then
	}
	return cfg
}

// inForce is the rulebook of the day; false on a day without a pack.
func inForce(cfg Config, day time.Time) (rulebook, bool) {
	cfg = configOn(cfg, day)
	p := withOverlay(document(cfg.Pack), cfg)
	if day.Before(p.inForceFrom) || !p.inForceUntil.IsZero() && day.After(p.inForceUntil) {
		return rulebook{}, false
	}
	return rulebook{cfg, p}, true
}

// rulebookFor is what a claim of the day is settled by (§4). On a day without a
// pack that is the pack of the earliest recognition whose window can assist the
// claim: an unreferred claim in a window is as recorded like its neighbours outside.
func rulebookFor(cfg Config, back []spell, day time.Time, c Claim) (rulebook, bool) {
	if b, ok := inForce(cfg, day); ok {
		return b, true
	}
	for _, s := range back {
		if b, ok := inForce(cfg, s.start); ok && covered(b.pack, c) {
			return b, true
		}
	}
	return rulebook{}, false
}

// withOverlay lays the office's figures over those of the document; where the
// office says nothing, the document stands.
func withOverlay(p pack, cfg Config) pack {
	if !cfg.InForceFrom.IsZero() {
		p.inForceFrom = civil(cfg.InForceFrom)
	}
	if len(cfg.AssistKinds) > 0 {
		p.coveredKinds = cfg.AssistKinds
	}
	p.rules = maps.Clone(p.rules)
	for category, ru := range p.rules {
		if ratio, ok := cfg.AssistRatio[category]; ok {
			ru.ratioUnset, ru.inpatientRatio, ru.outpatientRatio = false, ratio, ratio
		}
		if limit, ok := cfg.AssistCap[category]; ok {
			ru.cap = limit
		}
		p.rules[category] = ru
	}
	p.tilt = tiltWithOverlay(p.tilt, cfg)
	return p
}

// tiltWithOverlay is nil, the layer off, where neither document nor office gives a threshold.
func tiltWithOverlay(t *tilt, cfg Config) *tilt {
	if t == nil && cfg.TiltThreshold == nil {
		return nil
	}
	merged := tilt{ratio: map[string]decimal.Decimal{}}
	if t != nil {
		merged = tilt{t.threshold, maps.Clone(t.ratio), t.cap}
	}
	maps.Copy(merged.ratio, cfg.TiltRatio)
	if cfg.TiltThreshold != nil {
		merged.threshold = *cfg.TiltThreshold
	}
	if cfg.TiltCap != nil {
		merged.cap = cfg.TiltCap
	}
	return &merged
}

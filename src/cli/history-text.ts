import type { Entry, Event } from '../apply/journal.js'
import { count } from './quantity.js'

/** Newest first; with events, what happened to each plan and when. */
export function historyText(entries: readonly Entry[], events: readonly Event[]): string {
  const plans = entries
    .toReversed()
    .map((entry) => [entryText(entry), ...events.filter(({ plan }) => plan === entry.id).map(eventText)].join('\n'))
  const others = events.filter(({ plan }) => plan === '')
  const apart = others.length === 0 ? [] : [['Without any plan', ...others.map(eventText)].join('\n')]
  return plans.length === 0 && apart.length === 0 ? 'No plan was ever applied to this database.' : [...apart, ...plans].join('\n')
}

function entryText({ id, title, status, at, by, host, tool, seconds, segmentsDone, segments }: Entry): string {
  const half = status === 'applying' || status === 'reverting' ? `, ${segmentsDone} of ${count(segments, 'segment')}` : ''
  return `${at}  ${status.padEnd(8)}  ${id}${half}  “${title}”  by ${by} on ${host} with ${tool}${seconds === null ? '' : `, ${seconds.toFixed(1)} s`}`
}

function eventText({ at, action, segment, outcome, by, host, milliseconds }: Event): string {
  return `    ${at}  ${action}${segment === null ? '' : ` segment ${segment}`}: ${outcome}${milliseconds === null ? '' : ` in ${Math.round(milliseconds)} ms`}, by ${by} on ${host}`
}

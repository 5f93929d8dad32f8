import type { Observation, ObservedShape } from './observation.ts';
import type { Answered } from './observation-answer.ts';
import { requestsText, shapesOf, tally, tallyText } from './observation-evidence.ts';

/** How it asks for tokens and for consent. */
export function tokenAnswers(seen: Observation): readonly Answered[] {
  return [
    about(seen, 'token', 'token-request', 'How does it ask for a token?', tokenText),
    about(
      seen,
      'authorize',
      'authorization',
      'With which parameters does it open the browser for consent?',
      ({ parameters }) => parameters.join(', '),
    ),
  ];
}

function about(
  seen: Observation,
  kind: 'token' | 'authorize',
  id: string,
  question: string,
  text: (shape: ObservedShape) => string,
): Answered {
  const shapes = shapesOf(seen, kind);
  if (shapes.length === 0) {
    const why = seen.clientId === null ? 'This connector is no OAuth2 client.' : 'No such request was seen.';
    return { id, question, state: 'not-seen', answer: why, evidence: '' };
  }
  const tallied = tally(shapes, text);
  const answered = new Map<string, number>();
  for (const { shape, status } of seen.requests) {
    if (seen.shapes[shape]?.kind !== kind) continue;
    answered.set(String(status ?? 'none'), (answered.get(String(status ?? 'none')) ?? 0) + 1);
  }
  const statuses = [...answered].map(([status, count]) => `${status} to ${requestsText(count)}`).join(', ');
  return {
    id,
    question,
    state: 'answered',
    answer: tallied.map(({ value }) => value).join('; '),
    evidence: `${tallyText(tallied)}; answered ${statuses}`,
  };
}

function tokenText({ token, method }: ObservedShape): string {
  if (token === null) return method;
  const where = {
    header: 'in a Basic header',
    body: 'in the form',
    both: 'in a Basic header and in the form',
    none: 'nowhere',
  };
  const more = token.parameters.length === 0 ? 'no further parameter' : `with ${token.parameters.join(', ')}`;
  return `${method}, grant_type=${token.grantType ?? 'none'}, client secret ${where[token.credentials]}, ${more}, as ${token.contentType ?? 'no content type'}`;
}

import { describe, expect, it } from 'vitest';
import { CNIError, ErrorCode } from './error.ts';

describe('a CNIError', () => {
  it('C49 reads as its message and details', () => {
    expect(new CNIError(100, 'no', { details: 'why' }).message).toBe('no; why');
    expect(new CNIError(100, 'no').message).toBe('no');
  });

  it('C48 has no details in JSON where it has none', () => {
    expect(JSON.stringify(new CNIError(100, 'no', { details: '' }))).toBe('{"code":100,"msg":"no"}');
    expect(JSON.stringify(new CNIError(100, 'no', { details: 'why' }))).toBe('{"code":100,"msg":"no","details":"why"}');
  });

  it('has neither details nor a cause where it was given none', () => {
    expect(new CNIError(100, 'no', { details: '' }).details).toBeUndefined();
    expect('cause' in new CNIError(100, 'no')).toBe(false);
    expect(new CNIError(100, 'no', { cause: null }).cause).toBeNull();
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('C48 cannot have the code %s', code => {
    expect(() => new CNIError(code, 'no')).toThrow(`CNI error code ${code}: must be a non-negative integer`);
  });

  it('C51 is one of any copy of the package, but of no subclass that it is not of', async () => {
    const copy = './error.ts?copy';
    const other = ((await import(copy)) as typeof import('./error.ts')).CNIError;
    class Own extends CNIError {}
    class Others extends other {}
    expect(other).not.toBe(CNIError);
    expect(new other(100, 'no') instanceof CNIError).toBe(true);
    expect(new Others(100, 'no') instanceof CNIError).toBe(true);
    expect(new Own(100, 'no') instanceof other).toBe(true);
    expect(new Own(100, 'no') instanceof Own).toBe(true);
    expect(new CNIError(100, 'no') instanceof Own).toBe(false);
    expect(new Others(100, 'no') instanceof Own).toBe(false);
    for (const value of [new Error('no'), { code: 100, msg: 'no' }, null, undefined, 'CNIError', () => {}])
      expect(value instanceof CNIError).toBe(false);
    const theirs = new other(100, 'no');
    expect(CNIError.from(new Error('outer', { cause: theirs }))).toMatchObject({ code: 100, msg: 'no' });
    expect(CNIError.from(theirs)).toBe(theirs);
  });

  it('C50 has codes by name', () => {
    expect(ErrorCode).toEqual({
      Unknown: 0,
      IncompatibleCNIVersion: 1,
      UnsupportedField: 2,
      UnknownContainer: 3,
      InvalidEnvironmentVariables: 4,
      IOFailure: 5,
      DecodingFailure: 6,
      InvalidNetworkConfig: 7,
      InvalidNetNS: 8,
      TryAgainLater: 11,
      PluginNotAvailable: 50,
      LimitedConnectivity: 51,
      Internal: 999,
    });
  });
});

describe('what was thrown', () => {
  it('C51 is answered with as it is', () => {
    const error = new CNIError(1234, 'insufficient something');
    expect(CNIError.from(error)).toBe(error);
  });

  it('C51 is answered with the CNIError that caused it, explained by the outer message', () => {
    const inner = new CNIError(11, 'busy');
    const middle = new Error('middle', { cause: inner });
    const outer = new Error('cannot attach', { cause: middle });
    expect(CNIError.from(outer).toJSON()).toEqual({ code: 11, msg: 'busy', details: 'cannot attach' });
  });

  it('C51 keeps the details of the CNIError that caused it', () => {
    const outer = new Error('outer', { cause: new CNIError(11, 'busy', { details: 'own' }) });
    expect(CNIError.from(outer).details).toBe('own');
  });

  it('C51 may have itself as cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(CNIError.from(error).toJSON()).toEqual({ code: 999, msg: 'round' });
  });

  it('C52 is otherwise 999 with its message', () => {
    expect(CNIError.from(new Error('potato')).toJSON()).toEqual({ code: 999, msg: 'potato' });
  });

  it.each([
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [Symbol('s'), 'Symbol(s)'],
    [{ a: 1 }, '{"a":1}'],
    [new RangeError(), 'RangeError'],
    [Object.create(null, { toJSON: { value: () => undefined } }), 'undefined'],
  ])('C54 may be anything: %s', (thrown, msg) => {
    expect(CNIError.from(thrown).toJSON()).toEqual({ code: 999, msg });
  });

  it('C54 may even be an object that cannot be shown', () => {
    const round: { self?: object } = {};
    round.self = round;
    expect(CNIError.from(round).msg).toBe('an error that cannot be shown');
  });
});

namespace MnistLstm.Api.Operations;

/// <summary>A kind of error that the service answers, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Word">The stable <c>type</c> that programs may rely on.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The same for every occurrence.</param>
public sealed record ProblemType(string Word, int Status, string Title)
{
    /// <summary>When to come back after <see cref="QueueFull"/> and the like: the queue empties within a second.</summary>
    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(1);

    public static readonly ProblemType BadRequest = new("bad-request", 400, "The request is not valid HTTP");
    public static readonly ProblemType BadQuery = new("bad-query", 400, "A query parameter cannot be used");
    public static readonly ProblemType NoFile = new("no-file", 400, "No picture was sent");
    public static readonly ProblemType SeveralFiles = new("several-files", 400, "More than one picture was sent");
    public static readonly ProblemType MalformedMultipart = new("malformed-multipart", 400, "The form cannot be read");
    public static readonly ProblemType NotFound = new("not-found", 404, "There is nothing at this address");
    public static readonly ProblemType UnknownModel = new("unknown-model", 404, "There is no such model");
    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", 405, "This address takes another method");
    public static readonly ProblemType UploadTimeout = new("upload-timeout", 408, "The upload took too long");
    public static readonly ProblemType BodyTooLarge = new("body-too-large", 413, "The upload is too large");
    public static readonly ProblemType TooManyPixels = new("too-many-pixels", 413, "The picture has too many pixels");
    public static readonly ProblemType TooManyFiles = new("too-many-files", 413, "Too many pictures at once");
    public static readonly ProblemType UnsupportedMediaType = new("unsupported-media-type", 415, "The body is not sent as a picture");
    public static readonly ProblemType NotAnImage = new("not-an-image", 415, "The file is not a picture that is read here");
    public static readonly ProblemType DamagedImage = new("damaged-image", 415, "The picture is damaged");
    public static readonly ProblemType NoInk = new("no-ink", 422, "The picture is blank");
    public static readonly ProblemType HeadersTooLarge = new("headers-too-large", 431, "The headers are too large");
    public static readonly ProblemType InternalError = new("internal-error", 500, "The service has a defect");
    public static readonly ProblemType QueueFull = new("queue-full", 503, "Too many pictures are waiting") { RetryAfter = SoonEnough };
    public static readonly ProblemType DeadlinePassed = new("deadline-passed", 503, "The picture's turn came too late") { RetryAfter = SoonEnough };

    /// <summary>Sent as <c>Retry-After</c>, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Every kind there is, by status.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        BadRequest, BadQuery, NoFile, SeveralFiles, MalformedMultipart, NotFound, UnknownModel, MethodNotAllowed,
        UploadTimeout, BodyTooLarge, TooManyPixels, TooManyFiles, UnsupportedMediaType, NotAnImage, DamagedImage, NoInk,
        HeadersTooLarge, InternalError, QueueFull, DeadlinePassed,
    ];

    /// <param name="detail">A sentence that tells the person what to do about it.</param>
    public Problem With(string detail) => new(this, detail);
}

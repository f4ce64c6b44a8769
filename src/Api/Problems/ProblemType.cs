namespace MnistLstm.Api.Problems;

/// <summary>A type of error that the service answers with, as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Slug">Stable; programs may rely on it.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">A title, the same for every occurrence.</param>
/// <param name="Advice">A sentence that tells the client what to do.</param>
public sealed record ProblemType(string Slug, int Status, string Title, string Advice)
{
    /// <summary>For problems that pass within a second, such as <see cref="QueueFull"/>.</summary>
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    public static readonly ProblemType BadRequest = new(
        "bad-request", 400, "The request is not valid HTTP",
        "Send the complete request again.");

    public static readonly ProblemType BadQuery = new(
        "bad-query", 400, "A query parameter is invalid",
        "Use parameters that /swagger lists for the address.");

    public static readonly ProblemType BadHeader = new(
        "bad-header", 400, "A header is invalid",
        "Send Request-Timeout as seconds, like 2 or 0.5, or not at all.");

    public static readonly ProblemType NoFile = new(
        "no-file", 400, "No picture was sent",
        "Send the picture as the body, as the file 'file' of a form ('files' for a batch), or as {\"image\": "
            + "\"base64\"}.");

    public static readonly ProblemType SeveralFiles = new(
        "several-files", 400, "More than one picture was sent",
        "Send one picture, or several as the files 'files' to /predict/batch.");

    public static readonly ProblemType MalformedMultipart = new(
        "malformed-multipart", 400, "The form cannot be read",
        "Send multipart/form-data with the file 'file' ('files' for a batch).");

    public static readonly ProblemType MalformedJson = new(
        "malformed-json", 400, "The JSON cannot be read",
        "Send {\"image\": \"…\"} with the picture as base64 or a data URI.");

    public static readonly ProblemType BadEncoding = new(
        "bad-encoding", 400, "The body cannot be decompressed",
        "Compress it as Content-Encoding says, or send it as it is and without that header.");

    public static readonly ProblemType BadInference = new(
        "bad-inference", 400, "The inference request is invalid",
        "GET /v2/models/NAME describes the inputs of the model.");

    /// <summary>The same, because of a limit.</summary>
    public static readonly ProblemType InferenceLimit = BadInference with { IsLimit = true };

    public static readonly ProblemType ApiKeyNeeded = new(
        "api-key-needed", 401, "An API key is required",
        "Send the key from your operator as X-API-Key.");

    public static readonly ProblemType NotFound = new(
        "not-found", 404, "There is nothing at this address",
        "Post pictures to /predict; /swagger lists every address.");

    public static readonly ProblemType UnknownModel = new(
        "unknown-model", 404, "There is no such model",
        "The address /models lists the models.");

    public static readonly ProblemType MethodNotAllowed = new(
        "method-not-allowed", 405, "This address does not support the method",
        "Use a method from the Allow header.");

    public static readonly ProblemType UploadTimeout = new(
        "upload-timeout", 408, "The upload took too long",
        "Send it again over a faster connection, or with a longer time limit if you set one.");

    public static readonly ProblemType BodyTooLarge = new(
        "body-too-large", 413, "The upload is too large",
        "Send a smaller file.")
    {
        IsLimit = true,
    };

    public static readonly ProblemType TooManyPixels = new(
        "too-many-pixels", 413, "The picture has too many pixels",
        "Send a smaller picture.")
    {
        IsLimit = true,
    };

    public static readonly ProblemType TooManyFiles = new(
        "too-many-files", 413, "Too many pictures at once",
        "Send them in several calls.");

    public static readonly ProblemType UnsupportedMediaType = new(
        "unsupported-media-type", 415, "Unsupported Content-Type or Content-Encoding",
        "Use a Content-Type that /swagger lists for the address, and gzip, deflate, br or no Content-Encoding.");

    public static readonly ProblemType NotAnImage = new(
        "not-an-image", 415, "The file is not in a supported picture format",
        "Send the picture as PNG, JPEG, WebP, GIF or BMP.");

    public static readonly ProblemType DamagedImage = new(
        "damaged-image", 415, "The picture is damaged",
        "Open it in a picture viewer, save it again and send that file.");

    public static readonly ProblemType NoInk = new(
        "no-ink", 422, "The picture is blank",
        "Send one with a handwritten digit, dark on light or light on dark.");

    public static readonly ProblemType TooManyDigits = new(
        "too-many-digits", 422, "The picture has too many digits",
        "Send parts of the picture in several calls.");

    public static readonly ProblemType RateLimited = new(
        "rate-limited", 429, "Too many requests from one client",
        "Send it again in a second.")
    {
        RetryAfter = OneSecond,
    };

    public static readonly ProblemType HeadersTooLarge = new(
        "headers-too-large", 431, "The headers are too large",
        "Send fewer or shorter headers.");

    public static readonly ProblemType InternalError = new(
        "internal-error", 500, "The service failed",
        "Please report it; the log of the service has the details.");

    public static readonly ProblemType Overloaded = new(
        "overloaded", 503, "Too many requests at once",
        "Send it again in a moment.")
    {
        RetryAfter = OneSecond,
    };

    public static readonly ProblemType QueueFull = new(
        "queue-full", 503, "Too many pictures are waiting",
        "Send it again in a moment.")
    {
        RetryAfter = OneSecond,
    };

    public static readonly ProblemType DeadlinePassed = new(
        "deadline-passed", 503, "The picture waited too long",
        "Send it again in a moment, with a longer time limit if you set one.")
    {
        RetryAfter = OneSecond,
    };

    public static readonly ProblemType CorrectionsUnavailable = new(
        "corrections-unavailable", 503, "The correction cannot be kept",
        "Tell the operator; the log of the service has the reason.")
    {
        RetryAfter = TimeSpan.FromMinutes(1),
    };

    public static readonly ProblemType CorrectionsFull = new(
        "corrections-full", 507, "There is no room for more corrections",
        "Tell the operator, who can move the corrections elsewhere.");

    /// <summary>Sent as <c>type</c>: a URI reference to a page of <see cref="ProblemPages"/>.</summary>
    public string Address { get; } = $"{ProblemPages.Path}/{Slug}";

    /// <summary>Sent as <c>Retry-After</c>, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether gRPC answers it RESOURCE_EXHAUSTED within an inference request.</summary>
    public bool IsLimit { get; init; }

    /// <summary>All types, by status.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        BadRequest, BadQuery, BadHeader, NoFile, SeveralFiles, MalformedMultipart, MalformedJson, BadEncoding,
        BadInference, ApiKeyNeeded, NotFound, UnknownModel, MethodNotAllowed, UploadTimeout, BodyTooLarge,
        TooManyPixels, TooManyFiles, UnsupportedMediaType, NotAnImage, DamagedImage, NoInk, TooManyDigits, RateLimited,
        HeadersTooLarge, InternalError, Overloaded, QueueFull, DeadlinePassed, CorrectionsUnavailable, CorrectionsFull,
    ];

    /// <param name="cause">A sentence about this occurrence; the advice follows it.</param>
    public Problem WithDetail(string cause) => new(this, $"{cause} {Advice}");
}

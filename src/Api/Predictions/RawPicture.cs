using MnistLstm.Api.Operations;

namespace MnistLstm.Api.Predictions;

/// <summary>A picture that is the body itself.</summary>
public static class RawPicture
{
    /// <summary>Documented content types. What the bytes are is judged by their content, not by this.</summary>
    public static readonly string[] ContentTypes =
        ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "application/octet-stream"];

    /// <summary>Any picture's type is let in, also by its other names (image/jpg, image/x-ms-bmp), and so is none at all.</summary>
    public static Problem? FindProblem(string? contentType)
    {
        bool welcome = string.IsNullOrEmpty(contentType)
            || contentType.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            || contentType.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase);
        return welcome
            ? null
            : ProblemType.UnsupportedMediaType.Because($"A body of type '{Excerpt.Of(contentType)}' is not read here.");
    }
}

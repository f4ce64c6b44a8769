using System.Text;
using System.Text.Unicode;
using MnistLstm.Api.Problems;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Uploads;

/// <summary>
/// Finds the picture in the body of <c>/predict</c>. The content decides, and the Content-Type only if the content is
/// ambiguous.
/// </summary>
public static class UploadedPicture
{
    /// <summary>Documented content types of a body that is the picture itself.</summary>
    public static readonly string[] ContentTypes =
        ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "application/octet-stream"];

    /// <summary>
    /// Content types of pictures: for these, an unrecognized body is a bad picture rather than an unsupported type.
    /// </summary>
    private static readonly string[] PictureTypes =
        ["image/", "application/octet-stream", "binary/octet-stream", "application/x-image"];

    /// <param name="contentType">The request's header.</param>
    /// <param name="body">The body; base64 in it is decoded in place.</param>
    /// <param name="picture">Receives the picture's file, which may be empty or of an unknown format.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? Find(string? contentType, Memory<byte> body, out ReadOnlyMemory<byte> picture)
    {
        Span<byte> bytes = body.Span;
        Range found = ..;
        Problem? problem =
            bytes.IsEmpty || IsKnownFile(bytes) ? null
            : FindCommonMistake(bytes, "--data-binary @FILE or -F file=@FILE") is { } mistake ? mistake
            : MultipartForm.IsForm(contentType) ? FindInForm(contentType!, bytes, out found)
            : Base64Text.IsLikely(bytes) ? Base64Text.Read(bytes, ref found)
            : PictureJson.IsJson(contentType, bytes) ? PictureJson.Read(bytes, out found)
            : UrlEncodedForm.IsForm(contentType) && bytes.Contains((byte)'=') ? UrlEncodedForm.Read(bytes, out found)
            : IsPictureType(contentType) ? null
            : new Problem(
                ProblemType.UnsupportedMediaType,
                $"The body of type '{Excerpt.Of(contentType)}' is not a picture, base64, a data URI, JSON or a form. "
                + "Send the picture itself with a Content-Type like image/png, or multipart/form-data with the file "
                + "'file'.");
        picture = body[found];
        return problem;
    }

    /// <summary>Finds the picture in the part of a form.</summary>
    /// <param name="field">Name of the part.</param>
    /// <param name="body">The form; base64 in it is decoded in place.</param>
    /// <param name="part">The range of the part; receives that of the picture.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? FindInPart(string field, Span<byte> body, ref Range part) =>
        FindCommonMistake(body[part], $"-F {field}=@FILE") is { } mistake ? mistake
        : IsText(body[part]) ? new Problem(
            ProblemType.NotAnImage,
            $"The field '{field}' has the text '{Encoding.UTF8.GetString(body[part])}' and no file. "
            + $"With curl, put an @ before the file's name: -F {field}=@FILE.")
        : DecodeBase64(body, ref part);

    /// <summary>Decodes base64 or a data URI in place; leaves a picture's file as it is.</summary>
    /// <param name="bytes">The buffer that contains the picture.</param>
    /// <param name="part">The range of the picture; receives the range of the decoded file.</param>
    /// <returns>The problem, or null if there is none.</returns>
    public static Problem? DecodeBase64(Span<byte> bytes, ref Range part)
    {
        (int start, int length) = part.GetOffsetAndLength(bytes.Length);
        bool isFile = IsKnownFile(bytes.Slice(start, length));
        return isFile || !Base64Text.IsLikely(bytes.Slice(start, length)) ? null : Base64Text.Read(bytes, ref part);
    }

    /// <summary>
    /// Whether bytes are a picture's file, or a file of another format that the error message can name.
    /// </summary>
    public static bool IsKnownFile(ReadOnlySpan<byte> bytes) =>
        ImageFormats.Recognize(bytes) != ImageFormat.Unknown || ImageFormats.NameUnread(bytes) is not null;

    /// <summary>Recognizes common client mistakes.</summary>
    /// <param name="body">A body, or a part of a form.</param>
    /// <param name="option">The option of curl that sends a file as it is.</param>
    private static Problem? FindCommonMistake(ReadOnlySpan<byte> body, string option) => body switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x1A, ..] => new Problem(
            ProblemType.DamagedImage,
            $"This is a PNG picture without its line ends, which curl -d removes. Send it with {option}."),
        [0x1F, 0x8B, 8, ..] => new Problem(
            ProblemType.NotAnImage,
            "This is a gzip file. Send the picture that is in it, or a compressed body with the header "
            + "Content-Encoding: gzip."),
        _ => null,
    };

    /// <summary>Finds the one file of a form.</summary>
    private static Problem? FindInForm(string contentType, Span<byte> body, out Range picture)
    {
        picture = ..;
        List<FormPart> parts = [];
        if (MultipartForm.Parse(body, contentType, parts) is { } violation)
        {
            return ProblemType.MalformedMultipart.WithDetail($"The form cannot be read: {violation}.");
        }

        FormPart? file = null;
        foreach (FormPart part in parts)
        {
            if (part.Name != FormPart.File)
            {
                continue;
            }

            if (file is not null)
            {
                return ProblemType.SeveralFiles.WithDetail("The form has more than one file in a field named 'file'.");
            }

            file = part;
        }

        if (file is not { } found)
        {
            return ProblemType.NoFile.WithDetail(
                $"The form has no file in a field named 'file'. It has {FormPart.Names(parts)}.");
        }

        picture = found.Content;
        return FindInPart(FormPart.File, body, ref picture);
    }

    /// <summary>
    /// Whether a file's content is a short text: curl sends the file's name if the @ before it is missing.
    /// </summary>
    private static bool IsText(ReadOnlySpan<byte> content) =>
        content.Length is > 0 and <= Excerpt.MaxLength
        && Utf8.IsValid(content)
        && !content.ContainsAnyInRange((byte)0, (byte)0x1F)
        && !IsKnownFile(content)
        && !Base64Text.IsLikely(content);

    private static bool IsPictureType(string? contentType) =>
        string.IsNullOrEmpty(contentType)
        || PictureTypes.Any(type => contentType.StartsWith(type, StringComparison.OrdinalIgnoreCase));
}

using MnistLstm.Api.Problems;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Decoding;

/// <summary>One picture of a request, and its reading or problem.</summary>
/// <param name="file">The whole file, in the request's body.</param>
public sealed class RequestPicture(ReadOnlyMemory<byte> file)
{
    public ReadOnlyMemory<byte> File => file;

    public ImageHeader Header { get; } = ImageHeader.Read(file.Span);

    /// <summary>Why there is no reading. A picture that has a problem from the start is not decoded.</summary>
    public Problem? Problem { get; set; }

    /// <summary>Index of its image in the request's readings; -1 if there is none.</summary>
    public int Reading { get; internal set; } = -1;

    /// <summary>Clockwise rotation of the picture for its reading, in degrees: 0, 90, 180 or 270.</summary>
    public int Rotation { get; internal set; }
}

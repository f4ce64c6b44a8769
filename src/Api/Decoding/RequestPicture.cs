using MnistLstm.Api.Problems;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Decoding;

/// <summary>One picture of a request, on its way to a reading or a problem.</summary>
/// <param name="file">The whole file, in the request's body.</param>
public sealed class RequestPicture(ReadOnlyMemory<byte> file)
{
    public ReadOnlyMemory<byte> File => file;

    public ImageHeader Header { get; } = ImageHeader.Read(file.Span);

    /// <summary>Why there is no reading; a picture that has a problem from the start is not decoded.</summary>
    public Problem? Problem { get; set; }

    /// <summary>Which image of the request's readings is its own; -1 where there is none.</summary>
    public int Reading { get; internal set; } = -1;

    /// <summary>Degrees by which the picture was turned clockwise for its reading: 0, 90, 180 or 270.</summary>
    public int Rotation { get; internal set; }
}

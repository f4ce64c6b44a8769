using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Shared.Tests.Normalization;

/// <summary>Reads picture files and pictures as the service does, with the default model.</summary>
internal sealed class Reader : IDisposable
{
    private readonly DigitClassifier _classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
    private readonly ClassifierBatch _batch;

    public Reader() => _batch = _classifier.CreateBatch(DigitReader.MaxCandidates);

    public static GrayImage Decode(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        return image.ShouldNotBeNull();
    }

    public (int Digit, bool IsDigit) Read(byte[] file)
    {
        using GrayImage picture = Decode(file);
        return Read(PictureNormalizer.Propose(file, ImageHeader.Read(file), ImageLimits.Default, picture));
    }

    public (int Digit, bool IsDigit) Read(GrayImage picture) => Read(DigitNormalizer.Propose(picture));

    /// <summary>The reading of the best candidate; null where there is no ink.</summary>
    public DigitReading? Judge(IEnumerable<DigitCandidate> candidates) =>
        DigitReader.Read(candidates, _batch, _classifier.Card);

    private (int Digit, bool IsDigit) Read(IEnumerable<DigitCandidate> candidates) =>
        Judge(candidates) is { } reading ? (reading.Digit, reading.IsDigit) : (-1, false);

    public void Dispose()
    {
        _batch.Dispose();
        _classifier.Dispose();
    }
}

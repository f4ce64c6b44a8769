using System.Numerics.Tensors;
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

    public Reader() => _batch = _classifier.CreateBatch(1);

    public static GrayImage Decode(byte[] file)
    {
        ImageDecoder.Decode(file, ImageLimits.Default, out GrayImage? image);
        return image.ShouldNotBeNull();
    }

    public (int Digit, bool IsDigit) Read(byte[] file)
    {
        using GrayImage picture = Decode(file);
        byte[] pixels = new byte[RowSequence.Length];
        NormalizedDigit found = PictureNormalizer.Normalize(
            file, ImageHeader.Read(file), ImageLimits.Default, picture, pixels);
        return Read(pixels, found);
    }

    public (int Digit, bool IsDigit) Read(GrayImage picture)
    {
        byte[] pixels = new byte[RowSequence.Length];
        return Read(pixels, DigitNormalizer.Normalize(picture, pixels));
    }

    private (int Digit, bool IsDigit) Read(byte[] pixels, NormalizedDigit found)
    {
        RowSequence.FromPixels(pixels, _batch.Rows(0));
        _batch.Run(1);
        return (TensorPrimitives.IndexOfMax(_batch.Probabilities(0)), found.HasInk && _classifier.Card.IsDigit(_batch.Logits(0), found.IsAlone));
    }

    public void Dispose()
    {
        _batch.Dispose();
        _classifier.Dispose();
    }
}

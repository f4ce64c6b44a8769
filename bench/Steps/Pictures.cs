using BenchmarkDotNet.Attributes;
using MnistLstm.Api.Models;
using MnistLstm.Load;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;
using MnistLstm.Shared.Pixels;

namespace MnistLstm.Steps;

/// <summary>Steps 2 and 3, which depend on the picture.</summary>
[MemoryDiagnoser]
public class Pictures
{
    private const string Mnist = "28x28 gray PNG";
    private const string Canvas = "280x280 RGBA PNG";
    private const string Photo = "1024x768 JPEG";

    private byte[] _file = [];
    private GrayImage? _image;

    [Params(Mnist, Canvas, Photo)]
    public string Picture { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        _file = Picture switch
        {
            Canvas => DigitPicture.Canvas(GoldenSample.Pixels, side: 280),
            Photo => DigitPicture.Photo(GoldenSample.Pixels, width: 1024, height: 768),
            _ => GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps),
        };
        ImageDecoder.Decode(_file, ImageLimits.Default, out _image);
    }

    [Benchmark(Description = "2 decode")]
    public void Decode()
    {
        ImageDecoder.Decode(_file, ImageLimits.Default, out GrayImage? image);
        image!.Dispose();
    }

    [Benchmark(Description = "3 normalize")]
    public bool Normalize() => DigitNormalizer.Propose(_image!).Any();
}

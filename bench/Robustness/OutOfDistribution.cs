using MnistLstm.Shared.Models;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Data;

namespace MnistLstm.Bench.Robustness;

/// <summary>Measures how well the energy score separates MNIST's test digits from other pictures.</summary>
internal static class OutOfDistribution
{
    public static void Write(TextWriter output, DigitClassifier classifier, DigitSet test)
    {
        ServicePath digits = ServicePath.Read(classifier, test);
        output.WriteLine("## What is not a digit");
        output.WriteLine();
        output.WriteLine(
            "Every picture takes the service's path: `DigitNormalizer`, which keeps MNIST's images, then the network.");
        output.WriteLine("AUROC: energy scores against those of MNIST's test images. Refused: `isDigit` is false.");
        output.WriteLine();
        output.WriteLine("| pictures | number | AUROC | refused |");
        output.WriteLine("|---|---|---|---|");
        Write(output, "MNIST, test", digits, digits: null);
        if (FashionMnist.LoadUnseen() is { } fashion)
        {
            Write(output, FashionMnist.Name, ServicePath.Read(classifier, fashion), digits);
        }
        else
        {
            Console.Error.WriteLine(FashionMnist.HowToGet);
        }

        if (ScriptLetters.Draw() is { } letters)
        {
            var read = ServicePath.Read(classifier, letters);
            Write(output, "letters of 35 scripts, printed", read, digits);
            foreach (GrayImage letter in letters)
            {
                letter.Dispose();
            }
        }
        else
        {
            Console.Error.WriteLine(ScriptLetters.HowToGet);
        }

        output.WriteLine();
    }

    private static void Write(TextWriter output, string name, ServicePath pictures, ServicePath? digits)
    {
        string auroc = digits is null ? "" : $"{Auroc.Measure(digits.Energy, pictures.Energy):F4}";
        output.WriteLine($"| {name} | {pictures.Energy.Length:N0} | {auroc} | {100 * pictures.ShareRefused:F2} % |");
    }
}

using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text;

namespace MnistLstm.Load;

/// <summary>A Markdown file of results, shown line by line while it grows.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    /// <summary>Processor, cores, operating system and version.</summary>
    public static string Machine =>
        $"{Computer.Processor}, {Environment.ProcessorCount} cores, load generator on the same ones; "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";

    /// <summary>The compilation mode of a program, read from its file.</summary>
    /// <param name="assembly">Its path.</param>
    public static string Compilation(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(assembly));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0
            ? "published for this machine, compiled ahead (ReadyToRun)"
            : "as built, not compiled ahead";
    }

    public void Line(string text = "")
    {
        Console.WriteLine(text);
        _text.Append(text).Append('\n');
    }

    /// <summary>Written beside its place and renamed.</summary>
    public async Task WriteAsync(string path)
    {
        string partial = path + ".partial";
        await File.WriteAllTextAsync(partial, _text.ToString());
        File.Move(partial, path, overwrite: true);
    }
}
